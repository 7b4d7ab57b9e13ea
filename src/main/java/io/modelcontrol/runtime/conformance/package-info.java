/**
 * The conformance kit for runtimes: what a {@link io.modelcontrol.runtime.ModelRuntime} promises,
 * case by case, tried on the one that is given. What it cannot try it does not call passed.
 */
package io.modelcontrol.runtime.conformance;
