package io.modelcontrol.bench.session;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/** A server whose sessions are held and do nothing. */
interface IdleServer extends AutoCloseable {
  int port();

  /** What a client sends to become Ready; the server answers with at least one byte. */
  byte[] hello();

  /** One permit for each session that has become Ready. */
  Semaphore ready();

  @Override
  void close() throws TimeoutException;
}
