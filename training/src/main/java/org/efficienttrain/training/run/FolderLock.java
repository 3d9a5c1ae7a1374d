package org.efficienttrain.training.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.efficienttrain.training.UserError;

/**
 * Keeps a second process from writing in a run's folder. The system lets go of the lock however
 * this process ends; the file itself, {@code .lock}, stays and means nothing.
 */
final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a folder. Where the file system has no locks nothing is kept out.
   *
   * @throws UserError if a run is being written there
   */
  static FolderLock hold(Path folder) {
    FileChannel channel = null;
    boolean held;
    try {
      channel =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      held = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      held = false; // by this process, for another run
    } catch (IOException e) {
      held = true; // as far as can be told
    }
    FolderLock lock = new FolderLock(channel);
    if (!held) {
      lock.close();
      throw new UserError(
          "another process trains in %s: wait for its end, or choose another folder with --out"
              .formatted(folder));
    }
    return lock;
  }

  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The lock goes with the process.
    }
  }
}
