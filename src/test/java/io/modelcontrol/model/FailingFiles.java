package io.modelcontrol.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file system of which one step fails, as it does when a disk is full or broken. */
final class FailingFiles extends StoreFiles {
  enum Step {
    NONE,
    CREATE,
    WRITE,
    WRITE_HALF,
    FORCE,
    MOVE,
    FORCE_DIRECTORY,
    USABLE
  }

  Step failing = Step.NONE;
  String message = "No space left on device";

  @Override
  FileChannel create(Path file) throws IOException {
    fail(Step.CREATE);
    return super.create(file);
  }

  @Override
  FileChannel createOrOpen(Path file) throws IOException {
    fail(Step.CREATE);
    return super.createOrOpen(file);
  }

  @Override
  void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    fail(Step.WRITE);
    if (failing == Step.WRITE_HALF) {
      super.write(channel, bytes.slice().limit(bytes.remaining() / 2));
    }
    fail(Step.WRITE_HALF);
    super.write(channel, bytes);
  }

  @Override
  void force(FileChannel channel) throws IOException {
    fail(Step.FORCE);
    super.force(channel);
  }

  @Override
  void move(Path from, Path to) throws IOException {
    fail(Step.MOVE);
    super.move(from, to);
  }

  @Override
  void forceDirectory(Path directory) throws IOException {
    fail(Step.FORCE_DIRECTORY);
    super.forceDirectory(directory);
  }

  @Override
  long usableBytes(Path directory) throws IOException {
    fail(Step.USABLE);
    return super.usableBytes(directory);
  }

  private void fail(Step step) throws IOException {
    if (failing == step) {
      throw new IOException("/var/lib/secret: " + message);
    }
  }
}
