package io.modelcontrol.conformance;

import java.io.IOException;

/** What the suite does once the session is in the state that its case begins in. */
@FunctionalInterface
interface Script {
  /**
   * Sends, and may read.
   *
   * @throws CaseFailure if the server did not what it should
   * @throws IOException if the connection is broken
   */
  void run(Peer peer) throws IOException;
}
