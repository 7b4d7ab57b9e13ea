/**
 * Runs models: the runtime SPI, the worker verticles that own loaded models, and the event bus
 * protocol that requests reach them by.
 */
package io.modelcontrol.runtime;
