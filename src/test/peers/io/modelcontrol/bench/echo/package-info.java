/**
 * How fast requests are answered at once, over one connection, by this project and by its peers, in
 * one process and in turns: {@link io.modelcontrol.bench.echo.EchoSuite}.
 */
package io.modelcontrol.bench.echo;
