/**
 * Runs ONNX models on ONNX Runtime. The only package that knows {@code ai.onnxruntime}; the rest of
 * the project reaches it through {@link io.modelcontrol.runtime.ModelRuntime} alone.
 */
package io.modelcontrol.runtime.onnx;
