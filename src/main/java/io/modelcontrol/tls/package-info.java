/**
 * TLS of connections, on either side: engines, key material, trust, reloading, and what a failed
 * handshake means. The only package that knows Bouncy Castle.
 */
package io.modelcontrol.tls;
