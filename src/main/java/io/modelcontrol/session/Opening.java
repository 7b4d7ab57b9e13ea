package io.modelcontrol.session;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** What the handshake decides, done to the session. */
final class Opening implements Handshake.Actions {
  private final Session session;
  private final SessionConfig config;
  private final Link link;
  private final Liveness liveness;
  private final OutboundWindow outboundWindow;
  private final SessionListener listener;
  private final ByteBufAllocator allocator;

  Opening(
      Session session,
      SessionConfig config,
      Link link,
      Liveness liveness,
      OutboundWindow outboundWindow,
      SessionListener listener,
      ByteBufAllocator allocator) {
    this.session = session;
    this.config = config;
    this.link = link;
    this.liveness = liveness;
    this.outboundWindow = outboundWindow;
    this.listener = listener;
    this.allocator = allocator;
  }

  @Override
  public void send(Message message) {
    ByteBuf bytes = MessageEncoder.encode(message, allocator);
    link.write(FrameType.DATA, FrameHeader.END_MESSAGE, 0, bytes);
  }

  @Override
  public void negotiated(Limits limits, boolean resume) {
    if (resume) {
      link.enableResume(config.limits().sessionWindow(), limits.sessionWindow());
    }
    outboundWindow.resize(SessionConfig.MIN_SESSION_WINDOW, limits.sessionWindow());
    liveness.keepalive(config.limits().keepaliveMs(), limits.keepaliveMs());
    session.negotiated(limits);
  }

  @Override
  public void authRequested(String method, byte[] credential) {
    listener.onAuthRequest(method, credential);
  }

  @Override
  public void resumeRequested(String method, byte[] credential, byte[] token, long received) {
    listener.onResumeRequest(method, credential, token, received);
  }

  @Override
  public void authenticated() {
    liveness.onReady();
    session.authenticated();
  }

  @Override
  public void resumed(long received, byte[] nextToken) {
    listener.onResumed(received, nextToken);
  }
}
