/**
 * The client of MCP, the Model Control Protocol (not the Model Context Protocol): connect, load,
 * infer, list, watch, and messages of the application's own.
 */
package io.modelcontrol.client;
