/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of an execve: a vfork child leaves it to its parent to free.  Its
 * descriptor was the child's only. */
#ifndef FERRY_EXEC_H
#define FERRY_EXEC_H

struct exec_memory;
void exec_memory_abandoned(struct exec_memory *memory);

#endif
