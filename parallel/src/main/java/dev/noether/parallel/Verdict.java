package dev.noether.parallel;

/**
 * Why a group has ended, in the same words on every rank.
 *
 * @param isInput whether the ranks were told what does not fit together
 * @param text the words
 */
record Verdict(boolean isInput, String text) {
  static Verdict input(String text) {
    return new Verdict(true, text);
  }

  static Verdict failure(String text) {
    return new Verdict(false, text);
  }

  static Verdict of(Message message) {
    return new Verdict(Boolean.parseBoolean(message.part(0)), message.part(1));
  }

  Message message() {
    return Message.of(Message.Kind.VERDICT, String.valueOf(isInput), text);
  }

  RuntimeException exception() {
    return isInput ? new IllegalArgumentException(text) : new RankException(text);
  }
}
