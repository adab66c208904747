using Scale.Launcher;

// scale-launcher EXECUTIONS-FOLDER: descriptor 3 is the server's socket.
using var claims = new ClaimFile(args[0]);
new MainLauncher(claims).Run();
