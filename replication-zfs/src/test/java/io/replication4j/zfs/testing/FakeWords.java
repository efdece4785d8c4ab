package io.replication4j.zfs.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The words after {@code zfs VERB}, taken apart as getopt(3) does. */
final class FakeWords {

  private final List<String[]> options = new ArrayList<>();
  private final List<String> operands = new ArrayList<>();

  /**
   * @param known the letters of the options, each followed by {@code :} if it takes a value
   */
  FakeWords(List<String> words, String known) {
    int i = 0;
    for (; i < words.size() && words.get(i).startsWith("-") && words.get(i).length() > 1; i++) {
      String word = words.get(i);
      for (int c = 1; c < word.length(); c++) {
        int at = known.indexOf(word.charAt(c));
        if (at < 0) {
          throw new FakeRefusal(2, "invalid option '" + word.charAt(c) + "'\nusage:");
        }
        boolean takesValue = at + 1 < known.length() && known.charAt(at + 1) == ':';
        if (takesValue) {
          options.add(new String[] {word.substring(c, c + 1), words.get(++i)});
          break;
        }
        options.add(new String[] {word.substring(c, c + 1), ""});
      }
    }
    operands.addAll(words.subList(i, words.size()));
  }

  boolean has(char option) {
    return value(option).isPresent();
  }

  Optional<String> value(char option) {
    return values(option).stream().findFirst();
  }

  List<String> values(char option) {
    return options.stream().filter(o -> o[0].charAt(0) == option).map(o -> o[1]).toList();
  }

  List<String> list(char option) {
    return value(option).map(text -> Arrays.asList(text.split(","))).orElse(List.of());
  }

  List<String> operands() {
    return operands;
  }

  String operand(int index) {
    if (index >= operands.size()) {
      throw new FakeRefusal(2, "missing argument\nusage:");
    }
    return operands.get(index);
  }
}
