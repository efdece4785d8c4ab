package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.FilesystemName;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZfsSuccessorTest {

  private static final FilesystemName ROOT = FilesystemName.of("tank/data");

  private static String name(String member) {
    return new ZfsSuccessor(ROOT, "aside-1", member).dataset();
  }

  @Test
  void standsBesideTheRootAndSaysWhatItSucceedsAndWhatThatIsKeptAs() {
    assertEquals("tank/data.r4j-successor:.aside-1", name(""));
    assertEquals("tank/data.r4j-successor:.aside-1:.a:.b", name("a/b"));
    assertEquals("tank", ZfsSuccessor.home(ROOT));
  }

  @Test
  void isReadBackWhateverTheMemberIsCalled() {
    for (String member :
        List.of("", "a", "a/b", "a:b", "a:/b", "a/:b", "a:.b", ":", "a b/.c", "a::b")) {
      ZfsSuccessor successor = new ZfsSuccessor(ROOT, "aside-1", member);
      assertEquals(List.of(successor), ZfsSuccessor.among(List.of(successor.dataset()), ROOT));
    }
  }

  @Test
  void otherNamesAreNotTakenForOne() {
    List<String> others =
        List.of(
            "tank",
            "tank/data",
            "tank/data.r4j-successor",
            "tank/data-aside-1",
            "tank/data2.r4j-successor:.x",
            "tank/data.r4j-successor:.x:y",
            "tank/data.r4j-successor:.x:");
    assertEquals(List.of(), ZfsSuccessor.among(others, ROOT));
  }

  @Test
  void thoseOfAPoolStandInIt() {
    FilesystemName pool = FilesystemName.of("tank");
    ZfsSuccessor successor = new ZfsSuccessor(pool, "aside-1", "a");
    assertEquals("tank/r4j-successor:.aside-1:.a", successor.dataset());
    assertEquals(
        List.of(successor), ZfsSuccessor.among(List.of("tank", successor.dataset()), pool));
  }

  @Test
  void theRootsComesFirst() {
    assertEquals(
        List.of("", "a", "a/b"),
        ZfsSuccessor.among(List.of(name("a/b"), name(""), name("a")), ROOT).stream()
            .map(ZfsSuccessor::member)
            .toList());
  }
}
