package io.modelcontrol.tls;

import io.vertx.codegen.annotations.VertxGen;

/** What does the cryptography of TLS. */
@VertxGen
public enum TlsEngine {
  /** Bouncy Castle's JSSE (bctls): post-quantum key exchange on every JDK. */
  BOUNCY_CASTLE,
  /** The JDK's own. */
  JDK,
  /** BoringSSL by netty-tcnative: the fastest, where its library is for the platform. */
  OPENSSL
}
