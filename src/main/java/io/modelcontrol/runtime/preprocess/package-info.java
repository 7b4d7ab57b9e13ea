/**
 * From a decoded image to what a model's input wants: the preprocess chain that a descriptor names,
 * run on the worker. Contract 4, PreprocessStep.
 */
package io.modelcontrol.runtime.preprocess;
