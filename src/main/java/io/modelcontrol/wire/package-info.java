/**
 * Bytes to frames to messages, and back: header, CRC, varint, TLV fields, tensors, the twelve
 * messages. Knows no session, does no I/O and reads no clock. Contract 1, 3 and 4.
 */
package io.modelcontrol.wire;
