/**
 * Moves frames between a session and a socket, and messages between a session and an application.
 */
package io.modelcontrol.session.transport;
