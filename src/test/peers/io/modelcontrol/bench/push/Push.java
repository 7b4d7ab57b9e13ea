package io.modelcontrol.bench.push;

import java.util.concurrent.TimeoutException;

/** A server that pushes, and one connection that takes, from the moment that it is opened. */
interface Push extends AutoCloseable {
  @Override
  void close() throws TimeoutException;
}
