package io.modelcontrol.client;

/**
 * One token of a generation.
 *
 * @param index its place, from 0
 * @param id what it is in the model's vocabulary
 */
public record GeneratedToken(long index, long id) {}
