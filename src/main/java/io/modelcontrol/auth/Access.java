package io.modelcontrol.auth;

/**
 * What a client asks for.
 *
 * @param type the wire value of the request's first message
 * @param model the name it is for; {@code null} where it names none
 */
public record Access(int type, String model) {}
