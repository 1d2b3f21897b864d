// SPDX-License-Identifier: Apache-2.0
// Follows stacks, by the rules for each instruction that compilers leave in a module (.eh_frame,
// .debug_frame), and names the functions on them.
#ifndef TCK_PLACE_STACK_H
#define TCK_PLACE_STACK_H

#include <elfutils/libdwfl.h>

// Prints the frames of each stack that the file has, in its order: for each a line of module,
// offset (hexadecimal), function, source file, line, and "in place" where it was expanded in the
// next one, with tabs between them, and nothing for what is not known; at the end "whole", where
// they reach the program below, or "cut", and an empty line. 0, or -1 when that is no such file.
//
// Of each stack the file has a line of hexadecimal numbers: e_machine, the instruction, the begin
// and the end of the program at whose frames a stack ends, the address of the bytes, the size of
// the maps, the number of bytes, the number of registers, the registers in the order of DWARF. Then
// come the maps, as in /proc/PID/maps, and the bytes.
int print_stacks(const char *path);

// Of place_main.c: prints a text without its controls; finds the part of the source code that was
// compiled at once, NULL: not known.
void print_text(const char *text);
Dwarf_Die *find_unit(Dwfl_Module *module, Dwarf_Addr address, Dwarf_Addr *bias);

#endif
