package io.modelcontrol.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Repeated fields of a message: the immutable empty list until there is one. */
final class FieldLists {
  private FieldLists() {}

  /** The list as others may see it; an empty one cannot be changed as it is. */
  static <T> List<T> shown(List<T> list) {
    return list.isEmpty() ? list : Collections.unmodifiableList(list);
  }

  /** The list with one more element, which may be another list. */
  static <T> List<T> added(List<T> list, T element) {
    List<T> target = list.isEmpty() ? new ArrayList<>(2) : list;
    target.add(element);
    return target;
  }
}
