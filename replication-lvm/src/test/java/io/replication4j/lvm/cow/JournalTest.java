package io.replication4j.lvm.cow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Journals of several destinations in one directory. */
class JournalTest {

  @TempDir private Path directory = Path.of("");

  private Journal journal(String destination) throws IOException {
    Path file = directory.resolve(destination);
    Files.createDirectories(file.resolveSibling(""));
    Files.createFile(file);
    return Journal.of(file, Optional.of(directory));
  }

  @Test
  void oneDestinationDoesNotFindWhatIsAnothers() throws IOException {
    byte[] stream = Streams.of(4096, new byte[65536], 1, 2);
    Journal one = journal("a-/b");
    Path spooled = one.spool(Channels.newChannel(new ByteArrayInputStream(stream)), CowSink.NONE);
    assertEquals(Optional.of(spooled), one.pending(CowSink.NONE));
    for (String other : new String[] {"a/-b", "a--b"}) {
      assertNotEquals(Optional.of(spooled), journal(other).pending(CowSink.NONE), other);
    }
  }
}
