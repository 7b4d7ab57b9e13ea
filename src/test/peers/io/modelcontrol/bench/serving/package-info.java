/** Inference over the network beside bare ONNX Runtime, a gRPC server and DJL's predictor. */
package io.modelcontrol.bench.serving;
