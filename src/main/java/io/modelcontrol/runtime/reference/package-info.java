/**
 * A runtime in plain Java, for tests and for those who want to see a node work without native code.
 */
package io.modelcontrol.runtime.reference;
