package io.replication4j.lvm.cow;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * The blocks of a file or device, each of which is read while the one before is worked on. Not for
 * a pipe: whoever closes this waits for the read that is under way. Used by one thread.
 */
final class ReadAhead implements CheckedInput.Blocks {

  private final ReadableByteChannel channel;
  private final Background reader = new Background(1, "read-ahead");
  private ByteBuffer ahead = block();
  private Future<?> read = CompletableFuture.completedFuture(null);
  private boolean begun;

  ReadAhead(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /** With room before it for what is left of the block before. */
  private static ByteBuffer block() {
    return ByteBuffer.allocateDirect(CheckedInput.MOST_TAKEN + CheckedInput.BLOCK_BYTES);
  }

  @Override
  public ByteBuffer first() {
    return block().limit(0);
  }

  @Override
  public ByteBuffer next(ByteBuffer block) throws IOException {
    if (!begun) {
      begun = true;
      fill();
    }
    Background.join(read);
    ByteBuffer next = ahead;
    int start = CheckedInput.MOST_TAKEN - block.remaining();
    next.flip().position(start);
    next.duplicate().put(block);
    ahead = block;
    fill();
    return next.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Nothing more is read where the channel has ended. */
  private void fill() {
    ByteBuffer into = ahead.clear().position(CheckedInput.MOST_TAKEN);
    read =
        reader.start(
            () -> {
              CheckedInput.fill(channel, into);
              return true;
            });
  }

  @Override
  public void close() {
    try {
      Uninterruptibles.getUninterruptibly(read);
    } catch (ExecutionException e) {
      // nobody wants that block any more
    }
    reader.close();
  }
}
