// The end of a process that gets no more memory or no more threads.
#pragma once

namespace telltale {

/// From now on a process that gets no memory, or no thread, ends at once with `status` and a sentence on stderr. Nothing is unwound and
/// nothing is saved: what was acknowledged is on disk, as after a kill. Other exceptions that nobody catches abort as before.
void end_in_words_when_nothing_is_left(int status);

}  // namespace telltale
