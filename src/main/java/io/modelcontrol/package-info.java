/**
 * The vocabulary of MCP, the Model Control Protocol (not the Model Context Protocol): error codes,
 * tensors, models. Every other package speaks it; it knows none of them.
 */
@ModuleGen(name = "vertx-model-control", groupPackage = "io.modelcontrol")
package io.modelcontrol;

import io.vertx.codegen.annotations.ModuleGen;
