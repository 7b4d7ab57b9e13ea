package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The versions that are on their way to be served. Whoever loads the same version with the same
 * content joins and gets the same outcome; other content is a conflict. On the host's context.
 */
final class PendingLoads {
  private static final class Pending {
    final Digest digest;
    int tickets;
    Future<ModelDescriptor> serving;

    Pending(Digest digest) {
      this.digest = digest;
    }
  }

  /** The part of one who loads. */
  final class Ticket {
    private final ModelId id;
    private final Pending pending;
    private boolean left;

    private Ticket(ModelId id, Pending pending) {
      this.id = id;
      this.pending = pending;
    }

    /** The outcome of what the first one starts, for all who have loaded this version together. */
    Future<ModelDescriptor> serve(Supplier<Future<ModelDescriptor>> start) {
      if (pending.serving == null) {
        pending.serving = start.get();
      }
      return pending.serving;
    }

    /** Has done with it; again is allowed. */
    void leave() {
      if (!left) {
        left = true;
        if (--pending.tickets == 0) {
          versions.remove(id, pending);
        }
      }
    }
  }

  private final Map<ModelId, Pending> versions = new HashMap<>();

  /**
   * Begins to load a version.
   *
   * @throws McpException UPDATE_CONFLICT if it is being loaded with other content
   */
  Ticket enter(ModelId id, Digest digest) {
    Pending pending = versions.computeIfAbsent(id, key -> new Pending(digest));
    if (!pending.digest.equals(digest)) {
      throw McpException.streamError(
          ErrorCode.UPDATE_CONFLICT, "model " + id + " is being loaded with other content");
    }
    pending.tickets++;
    return new Ticket(id, pending);
  }

  /** Whether somebody loads a version of this model. */
  boolean containsName(String name) {
    return versions.keySet().stream().anyMatch(id -> id.name().equals(name));
  }

  /** Whether somebody loads this content. */
  boolean contains(Digest digest) {
    return versions.values().stream().anyMatch(pending -> pending.digest.equals(digest));
  }
}
