/**
 * {@code modelctl}, the command line: each verb one class, and the files it reads and writes
 * (NumPy, JSON, images, sound, labels).
 */
package io.modelcontrol.cli;
