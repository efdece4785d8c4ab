package io.replication4j.testing;

import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.MemberSend;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One member of {@code fake send}, as four words: its path, its snapshot, where its base is, what
 * that is called.
 */
record FakeSpec(
    String path, String snapshot, String basePath, Optional<String> base, boolean bookmark) {

  private static final String NONE = "-";
  private static final int WORDS = 4;

  static List<String> words(MemberSend member) {
    String base = member.base().map(b -> (b.bookmark() ? "#" : "@") + b.name()).orElse(NONE);
    return List.of(
        dot(member.path()),
        member.snapshot(),
        member.base().map(Base::path).map(FakeSpec::dot).orElse(NONE),
        base);
  }

  static List<FakeSpec> parse(List<String> words) {
    List<FakeSpec> specs = new ArrayList<>();
    for (int i = 0; i + WORDS <= words.size(); i += WORDS) {
      String base = words.get(i + 3);
      specs.add(
          new FakeSpec(
              path(words.get(i)),
              words.get(i + 1),
              path(words.get(i + 2)),
              base.equals(NONE) ? Optional.empty() : Optional.of(base.substring(1)),
              base.startsWith("#")));
    }
    return specs;
  }

  /** The path as a word: a dot for the root, since a word of a batch must not be empty. */
  static String dot(String path) {
    return path.isEmpty() ? "." : path;
  }

  static String path(String word) {
    return word.equals(".") ? "" : word;
  }
}
