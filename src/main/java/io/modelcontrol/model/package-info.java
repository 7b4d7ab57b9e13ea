/**
 * The life of a model's content without running it: what may enter ({@link
 * io.modelcontrol.model.OnnxScanner}), where it is kept ({@link io.modelcontrol.model.ModelStore})
 * and what the node serves ({@link io.modelcontrol.model.ModelManifest}). Everything here blocks on
 * files: call it on worker threads only.
 */
package io.modelcontrol.model;
