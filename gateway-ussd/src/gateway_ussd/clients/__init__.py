"""The services that menus ask, each behind one method: the case store, and those of other organisations."""
