package io.modelcontrol.auth;

/**
 * One control action, or a refusal.
 *
 * @param who the identity; {@code null} where nobody was identified
 * @param what the message type's name
 * @param model it is for; {@code null} for none
 * @param version of the model; {@code null} for none
 * @param digest of the content, hexadecimal; {@code null} for none
 * @param outcome OK, or the name of the error code
 */
public record AuditEntry(
    String who, String what, String model, String version, String digest, String outcome) {}
