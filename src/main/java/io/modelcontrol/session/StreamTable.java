package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.List;

/**
 * The open streams of a session, and the rules of their ids: ids grow, none comes twice. Contract
 * 2.
 */
final class StreamTable {
  /** Streams that were reset a moment ago: the peer may have sent on them in good faith. */
  private static final int REMEMBERED_RESETS = 256;

  /** Beyond this id the session is drained, long before ids run out. */
  private static final int LAST_LOCAL_ID = Integer.MAX_VALUE - 1;

  private final SessionRole role;
  private final IntObjectMap<Stream> open = new IntObjectHashMap<>(8);

  /** Streams of this end on which nothing was sent: ids are given in the order of sending. */
  private final List<Stream> unnumbered = new ArrayList<>(0);

  private int[] resets;
  private int resetCount;
  private int nextLocalId;
  private int lastRemoteId;
  private int localOpen;
  private int remoteOpen;

  StreamTable(SessionRole role) {
    this.role = role;
    this.nextLocalId = role.firstStreamId();
  }

  Stream get(int streamId) {
    return open.get(streamId);
  }

  boolean isEmpty() {
    return open.isEmpty() && unnumbered.isEmpty();
  }

  int localOpen() {
    return localOpen;
  }

  int remoteOpen() {
    return remoteOpen;
  }

  /** The highest id that the peer has opened; 0 while there is none. */
  int lastRemoteId() {
    return lastRemoteId;
  }

  boolean hasLocalIds() {
    return nextLocalId > 0 && nextLocalId <= LAST_LOCAL_ID;
  }

  void addUnnumbered(Stream stream) {
    stream.place = unnumbered.size();
    unnumbered.add(stream);
    localOpen++;
  }

  /** Gives a stream of this end the next id, right before its first message is queued. */
  void number(Stream stream) {
    removeUnnumbered(stream);
    stream.number(nextLocalId);
    nextLocalId += 2;
    open.put(stream.id(), stream);
  }

  /**
   * Whether a stream is this end's, and the peer has not seen it if this is the last that it saw.
   */
  boolean isLocalAbove(Stream stream, int lastSeenId) {
    return stream.id() == 0
        || role.opens(stream.id()) && Integer.compareUnsigned(stream.id(), lastSeenId) > 0;
  }

  /** Whether this end has opened a stream of that id at some time. */
  boolean wasOpened(int streamId) {
    return role.opens(streamId)
        ? Integer.compareUnsigned(streamId, nextLocalId) < 0
        : Integer.compareUnsigned(streamId, lastRemoteId) <= 0;
  }

  /**
   * Admits the id of a stream that the peer opens.
   *
   * @throws McpException PROTOCOL_ERROR, for the session, if the id is not the peer's to open
   */
  void admitRemoteId(int streamId) {
    if (role.opens(streamId)) {
      throw McpException.sessionError(
          ErrorCode.PROTOCOL_ERROR,
          "DATA on stream " + Integer.toUnsignedString(streamId) + ", which only this end opens");
    }
    if (wasOpened(streamId)) {
      throw McpException.sessionError(
          ErrorCode.PROTOCOL_ERROR,
          "stream id "
              + Integer.toUnsignedString(streamId)
              + " does not grow, the last was "
              + Integer.toUnsignedString(lastRemoteId));
    }
    lastRemoteId = streamId;
  }

  void addRemote(Stream stream) {
    open.put(stream.id(), stream);
    remoteOpen++;
  }

  void remove(Stream stream) {
    if (stream.id() == 0) {
      localOpen -= removeUnnumbered(stream) ? 1 : 0;
      return;
    }
    if (open.remove(stream.id()) == null) {
      return;
    }
    if (role.opens(stream.id())) {
      localOpen--;
    } else {
      remoteOpen--;
    }
  }

  /** The last one takes its place. */
  private boolean removeUnnumbered(Stream stream) {
    int place = stream.place;
    if (place >= unnumbered.size() || unnumbered.get(place) != stream) {
      return false;
    }
    Stream last = unnumbered.remove(unnumbered.size() - 1);
    if (last != stream) {
      last.place = place;
      unnumbered.set(place, last);
    }
    return true;
  }

  void rememberReset(int streamId) {
    if (resets == null) {
      resets = new int[REMEMBERED_RESETS];
    }
    resets[resetCount++ % REMEMBERED_RESETS] = streamId;
  }

  boolean wasReset(int streamId) {
    int known = Math.min(resetCount, REMEMBERED_RESETS);
    for (int i = 0; i < known; i++) {
      if (resets[i] == streamId) {
        return true;
      }
    }
    return false;
  }

  /** A copy, so that the table may change while it is walked. */
  List<Stream> snapshot() {
    List<Stream> all = new ArrayList<>(open.values());
    all.addAll(unnumbered);
    return all;
  }
}
