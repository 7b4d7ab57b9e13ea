/**
 * A request becomes a result: mounts models and inference on a server, wherever the workers are.
 */
package io.modelcontrol.serving;
