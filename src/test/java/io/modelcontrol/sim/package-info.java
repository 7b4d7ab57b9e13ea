/**
 * Client core and server core over a simulated network: one thread, one seed, virtual time. A seed
 * says everything that happens, so one that fails can be run again.
 */
package io.modelcontrol.sim;
