/**
 * Models in processes of their own: a model that takes all memory, never ends or crashes native
 * code ends its own process, and the node starts another one. Node and process talk MCP over a
 * socket in the file system that nobody else may open.
 */
package io.modelcontrol.isolation;
