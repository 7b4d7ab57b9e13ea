/** Who calls, and what may they do. */
package io.modelcontrol.auth;
