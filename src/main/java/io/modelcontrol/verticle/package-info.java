/**
 * The deployables of MCP, the Model Control Protocol (not the Model Context Protocol), and what
 * turns a node's config into deployed verticles. No logic of their own.
 */
package io.modelcontrol.verticle;
