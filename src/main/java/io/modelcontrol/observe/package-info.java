/**
 * What a node tells of itself: metrics, traces, health. Listens to the others by {@code telemetry}
 * and decides nothing. The only package that knows Micrometer and OpenTelemetry.
 */
package io.modelcontrol.observe;
