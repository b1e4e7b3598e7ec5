// Lets a room whose first source file is still to come be a library.
