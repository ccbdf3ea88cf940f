package dev.noether.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Who may read and write a file that is replaced, for the one that replaces it. */
final class FileOwner {
  private static final Set<PosixFilePermission> WRITES =
      EnumSet.of(
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_WRITE);

  private final Optional<PosixFileAttributes> old;

  private FileOwner(Optional<PosixFileAttributes> old) {
    this.old = old;
  }

  /** That of a file, or of none where it is not there or the system knows no permissions. */
  static FileOwner of(Path file) throws IOException {
    return new FileOwner(Files.exists(file) ? attributes(file) : Optional.empty());
  }

  private static Optional<PosixFileAttributes> attributes(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    return view == null ? Optional.empty() : Optional.of(view.readAttributes());
  }

  /** Whether nobody may write a file; the system's administrator could, and should not either. */
  static boolean isReadOnly(Path file) throws IOException {
    return attributes(file)
        .map(found -> found.permissions().stream().noneMatch(WRITES::contains))
        .orElse(false);
  }

  /** A new file that nobody can read who could not read the old one. */
  FileChannel create(Path file) throws IOException {
    FileAttribute<?>[] attributes =
        old.stream()
            .map(found -> PosixFilePermissions.asFileAttribute(found.permissions()))
            .toArray(FileAttribute<?>[]::new);
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
  }

  /** Gives a file the owner and group, where that is allowed, and the permissions. */
  void handTo(Path file) throws IOException {
    if (old.isEmpty()) {
      return;
    }
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    PosixFileAttributes mine = view.readAttributes();
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    permissions.addAll(old.get().permissions());
    if (!mine.group().equals(old.get().group()) && !give(() -> view.setGroup(old.get().group()))) {
      // What the old group might do is not for another one.
      permissions.remove(PosixFilePermission.GROUP_READ);
      permissions.remove(PosixFilePermission.GROUP_WRITE);
      permissions.remove(PosixFilePermission.GROUP_EXECUTE);
    }
    if (!mine.owner().equals(old.get().owner())) {
      give(() -> view.setOwner(old.get().owner()));
    }
    view.setPermissions(permissions);
  }

  /** What may be forbidden. */
  private interface Gift {
    void give() throws IOException;
  }

  private static boolean give(Gift gift) {
    try {
      gift.give();
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
