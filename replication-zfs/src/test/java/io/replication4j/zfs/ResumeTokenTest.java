package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTokenTest {

  @Test
  void aTokenOfOpenZfsSaysWhatItIsAbout() {
    ResumeToken token = ResumeToken.decode(Captured.text("2.3/token.txt").strip()).orElseThrow();
    assertEquals(Long.toUnsignedString(0xca2360516587dd2aL), token.toGuid());
    assertEquals("tank/d/big@b1", token.toName());
    assertEquals(Optional.empty(), token.fromGuid());
    assertEquals(0x130c340, token.bytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "1",
        "1-2-3-4",
        "2-0-0-",
        "1-0-0-",
        "1-0-ffffffff-00",
        "1-x-y-z",
        "1-0--1-00",
        "1-0-7fffffff-789c030000000001",
        "1-0-10-789c030000000001"
      })
  void whatIsNoTokenIsEmpty(String text) {
    assertTrue(ResumeToken.decode(text).isEmpty());
  }
}
