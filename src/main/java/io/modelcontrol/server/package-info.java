/**
 * The server of MCP, the Model Control Protocol (not the Model Context Protocol): listens, accepts
 * sessions, dispatches messages to handlers by type. It knows no model.
 */
package io.modelcontrol.server;
