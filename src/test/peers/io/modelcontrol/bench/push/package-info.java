/**
 * How fast a server pushes messages on one stream to a client that takes them all, with
 * back-pressure: {@link io.modelcontrol.bench.push.PushSuite}.
 */
package io.modelcontrol.bench.push;
