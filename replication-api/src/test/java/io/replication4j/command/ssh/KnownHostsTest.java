package io.replication4j.command.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.command.SshDestination;
import io.replication4j.command.ssh.KnownHosts.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.List;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownHostsTest {

  @TempDir Path directory;
  private PublicKey key;

  @BeforeEach
  void makeKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    key = generator.generateKeyPair().getPublic();
  }

  @Test
  void namesWithoutAPortAreThoseOfPort22() throws IOException {
    assertEquals(Verdict.KNOWN, judge("example.com", 22));
    assertEquals(Verdict.UNKNOWN, judge("example.com", 2222));
  }

  @Test
  void namesWithAPortAreThoseOfThatPort() throws IOException {
    assertEquals(Verdict.KNOWN, judge("[example.com]:2222", 2222));
    assertEquals(Verdict.UNKNOWN, judge("[example.com]:2222", 22));
  }

  @Test
  void patternsAreComparedWithTheNameAndThePort() throws IOException {
    assertEquals(Verdict.KNOWN, judge("*", 22));
    assertEquals(Verdict.KNOWN, judge("*", 2222));
    assertEquals(Verdict.UNKNOWN, judge("*.com", 2222));
  }

  private Verdict judge(String names, int port) throws IOException {
    Path file = directory.resolve("known_hosts");
    Files.writeString(file, names + " " + PublicKeyEntry.toString(key) + "\n");
    return new KnownHosts(new SshDestination("root", "example.com", port), List.of(file))
        .judge(key);
  }
}
