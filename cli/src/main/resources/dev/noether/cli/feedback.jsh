/set mode noether normal -command
/set truncation noether 4000
/set feedback noether
